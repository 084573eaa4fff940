#!/usr/bin/env bash
# A test in plain shell, with curl and jq.
#
#   ampsandbox serve sample_configs/mailmonkey.yaml --ephemeral --speed 0 --port 0
#   AMPSANDBOX_URL=http://127.0.0.1:… ./leads.sh
set -euo pipefail
control="$AMPSANDBOX_URL/_sandbox/v1"

post() { curl --silent --show-error --fail-with-body -H 'Content-Type: application/json' -d "$2" "$1"; }

post "$control/reset" '{}'
operation=$(post "$AMPSANDBOX_URL/projects/demo/create-lead" \
  '{"groupId": "demo", "fields": {"lastName": "Ann", "company": "Big Co."}}' | jq -r .operationId)

status() { curl --silent "$AMPSANDBOX_URL/projects/demo/operations/$operation" | jq -r .status; }
[ "$(status)" = queued ]

post "$control/clock/advance" '{"nextFlush": true}' > /dev/null
[ "$(status)" = succeeded ]

query='{"query": "SELECT LastName FROM Lead"}'
names=$(post "$control/query/demo?integration=mailmonkey-salesforce" "$query" | jq -c '[.[].LastName]')
[ "$names" = '["Ann"]' ]
echo "ok: $names"
