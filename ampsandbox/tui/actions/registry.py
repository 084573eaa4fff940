"""Every action of the interface, once: bindings, footer, palette, help, keymap and docs are made from here."""

# ruff: noqa: E501 - a table reads best with one action to a line.

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from textual.binding import Binding

from ampsandbox.tui.ui import OPENS_LINE


class Action(msgspec.Struct, frozen=True):
    """One thing a user can do.

    Args:
        id: Kebab-case, verb first; the name in a keymap file.
        title: The line in the command palette, `noun: verb`.
        keys: The default keys, separated by commas; empty where the palette is the only way.
        command: The Textual action that carries it out, on the widget that `panel` names; those of the `app`
            are behind the name of its part, such as `clock.step`.
        panel: The CSS id of the widget that owns it, or `app`.
        about: One sentence for help and docs.
        footer: The word in the footer; empty where the footer does not show it.
        priority: Whether its keys work in dialogs too.
        everywhere: Whether its keys work wherever the focus is on the main screen.
    """

    id: str
    title: str
    keys: str
    command: str
    panel: str
    about: str
    footer: str = ""
    priority: bool = False
    everywhere: bool = False

    def binding(self) -> Binding:
        """The Textual binding for the default keys."""
        return Binding(
            self.keys or f"no-key-{self.id}",  # So that a keymap finds what it can give keys to.
            self.command,
            self.footer or self.title,
            show=bool(self.footer),
            id=self.id,
            tooltip=self.about,
            priority=self.priority or self.opens_line,
        )

    @property
    def opens_line(self) -> bool:
        """Whether what is typed next goes into a line."""
        return self.command in OPENS_LINE

    def distant_binding(self) -> Binding:
        """The binding for where the panel that owns the action has not got the focus."""
        return Binding(self.keys, f"palette.perform('{self.id}')", self.title, show=False, id=self.id)


_APP: Final = (
    Action("send-write", "write: send", "ctrl+j,f5", "sending.send", "app", "Send the write in the form to the selected endpoint over HTTP.", "Send"),
    Action("jump", "screen: jump", "ctrl+o", "jump.start", "app", "Show a letter on every part, tab and field; press it to go there.", "Jump", priority=True),
    Action("open-palette", "screen: open the command palette", "ctrl+p", "command_palette", "app", "Search every action by name.", "Palette"),
    Action("show-help", "screen: help on the focused panel", "f1", "help.show", "app", "Explain the focused panel or dialog and list its keys.", "Help", priority=True),
    Action("show-help-outside-fields", "screen: help outside text fields", "question_mark", "help.show", "app", "The same; in a text field it is a character."),
    Action("quit", "screen: quit", "ctrl+q", "quit", "app", "Leave; what was accepted stays in the journal.", "Quit", priority=True),
    Action("say-how-to-quit", "screen: say how to quit", "ctrl+c", "help_quit", "app", "Say which key leaves; where text is selected, copy it."),
    Action("suspend", "screen: suspend", "ctrl+z", "suspend_process", "app", "Stop the program and its server, and go back to the shell; fg goes on. In a box of text it undoes."),
    Action("focus-integrations", "integrations: focus", "f2", "window.focus_panel('integrations')", "app", "Go to the tree of integrations.", priority=True),
    Action("focus-form", "write: focus the form", "f3", "window.focus_panel('write')", "app", "Go to the write form.", priority=True),
    Action("focus-batches", "batches: focus", "f4", "window.focus_panel('batches')", "app", "Go to the waiting batches.", priority=True),
    Action("focus-log", "log: focus", "f6", "window.focus_panel('log')", "app", "Go to the request log.", priority=True),
    Action("show-write", "tabs: write", "1", "window.show_tab('write')", "app", "Show the write form."),
    Action("show-installer", "tabs: installer", "2", "window.show_tab('installer')", "app", "Show what the customer sees at installation."),
    Action("show-records", "tabs: records", "3", "window.show_tab('records')", "app", "Show the records of the CRM org."),
    Action("show-schema", "tabs: schema", "4", "window.show_tab('schema')", "app", "Show the fields of the CRM object."),
    Action("copy-url", "server: copy its URL", "", "sandbox.copy_url", "app", "Copy the server's URL; a click on it in the header does so too."),
    Action("flush-all", "batches: flush all", "f8", "batches.flush_all", "app", "Deliver every waiting batch now."),
    Action("toggle-clock", "clock: freeze or go on", "f9", "clock.toggle", "app", "Let the sandbox's time stand still, or go on."),
    Action("step-clock", "clock: step to the next flush", "ctrl+n", "clock.step", "app", "Move time to the next flush and let it happen."),
    Action("move-clock", "clock: jump to a time", "ctrl+t", "clock.move", "app", "Move time to a moment in words, such as “tomorrow 9:00”."),
    Action("speed-up-clock", "clock: run faster", "plus", "clock.speed_up", "app", "Go from real time to ×60, from ×60 to ×3600."),
    Action("slow-down-clock", "clock: run slower", "minus", "clock.slow_down", "app", "Go from ×3600 to ×60, from ×60 to real time."),
    Action("run-clock-x60", "clock: run ×60", "", "clock.set_speed(60)", "app", "Let a minute pass in a second."),
    Action("run-clock-x3600", "clock: run ×3600", "", "clock.set_speed(3600)", "app", "Let an hour pass in a second."),
    Action("run-clock-real", "clock: run in real time", "", "clock.set_speed(1)", "app", "Let time pass as it does."),
    Action("show-problems", "operations: failed and in doubt", "f12", "operations.show_problems", "app", "Show the writes that failed or are in doubt, with what can be done."),
    Action("show-operations", "operations: newest", "", "operations.show_newest", "app", "Show the newest operations of every state."),
    Action("retry-dead-letters", "operations: retry all that failed or are in doubt", "", "operations.retry_dead_letters", "app", "Send every dead letter again, after a question."),
    Action("show-flushed", "batches: show the flushed ones", "", "batches.show_flushed", "app", "Show why the last batches were flushed, at what cost, and what came of them."),
    Action("show-findings", "manifest: show the findings", "exclamation_mark", "sandbox.show_findings", "app", "Show errors and warnings of amp.yaml with the lines around them."),
    Action("toggle-maximise", "screen: maximise the panel", "f10", "window.toggle_maximise", "app", "Give the focused panel the whole screen, or give it back; so does a double click on its title."),
    Action("show-messages", "screen: messages", "", "window.show_messages", "app", "Read again what was said: results, warnings and errors."),
    Action("widen-tree", "screen: widen the tree", "greater_than_sign", "window.resize('tree', 4)", "app", "Give the tree of integrations more room."),
    Action("narrow-tree", "screen: narrow the tree", "less_than_sign", "window.resize('tree', -4)", "app", "Give the tree of integrations less room."),
    Action("raise-lower-panels", "screen: more room for batches and log", "right_curly_bracket", "window.resize('lower', 2)", "app", "Give batches and log more lines."),
    Action("sink-lower-panels", "screen: less room for batches and log", "left_curly_bracket", "window.resize('lower', -2)", "app", "Give batches and log fewer lines."),
    Action("widen-batches", "screen: more room for batches beside the log", "right_square_bracket", "window.resize('batches', 4)", "app", "Make the batches wider and the log narrower."),
    Action("narrow-batches", "screen: less room for batches beside the log", "left_square_bracket", "window.resize('batches', -4)", "app", "Make the batches narrower and the log wider."),
    Action("reset-sizes", "screen: reset the sizes", "", "window.reset_sizes", "app", "Give all parts their own size back; a double click on a border does it for one."),
    Action("choose-theme", "screen: choose a theme", "", "window.choose_theme", "app", "Dark, light, colour-blind safe and others; remembered."),
    Action("toggle-wrap", "screen: wrap long lines of texts, or not", "alt+w", "window.toggle_wrap", "app", "Wrap the long lines of bodies, JSON and queries, or let them go on to the right; remembered.", priority=True),
    Action("toggle-line-numbers", "screen: number the lines of texts, or not", "alt+n", "window.toggle_line_numbers", "app", "Show line numbers beside bodies, JSON and queries, or not; remembered.", priority=True),
    Action("show-faults", "faults: script failures of the mock CRM", "f11", "sandbox.show_faults", "app", "Make the mock CRM slow, refuse or drop requests, and watch its quotas."),
    Action("show-connections", "connections: show the orgs", "", "sandbox.show_connections", "app", "Show which CRM org each installation writes to, and test it."),
    Action("show-activity", "activity: plot it over time", "", "sandbox.show_activity", "app", "Show writes, CRM requests against their quotas and flushes over time, as plots."),
    Action("show-capacity", "capacity: simulate the schedules", "", "sandbox.show_capacity", "app", "Simulate what the manifest's schedules cost many customers, and how late records get."),
    Action("save-snapshot", "sandbox: save a snapshot", "", "sandbox.save_snapshot", "app", "Write the whole state to a file."),
    Action("restore-snapshot", "sandbox: restore a snapshot", "", "sandbox.restore_snapshot", "app", "Go back to a state saved in a file."),
    Action("reset-sandbox", "sandbox: reset", "", "sandbox.reset", "app", "Start over: no operations, empty orgs, installations kept."),
)  # fmt: skip

_INTEGRATIONS: Final = (
    Action("search-integrations", "integrations: search", "slash", "search", "integrations", "Find endpoints and objects by name; esc shows all again.", "Search"),
)  # fmt: skip

_WRITE: Final = (
    Action("fill-form", "write: fill with plausible values", "f7", "fill", "write", "Put a plausible value into every empty field, and the newest record into an empty primaryKey.", "Fill", everywhere=True),
    Action("send-many", "write: send many", "ctrl+r", "send_many", "write", "Send the write N times; {{n}}, {{email}} and other templates differ each time.", "Many", everywhere=True),
    Action("stop-sending", "write: stop sending", "escape", "stop_sending", "write", "Send no more of the many writes that are being sent.", everywhere=True),
    Action("clear-form", "write: clear the form", "ctrl+l", "clear", "write", "Empty every field; the group stays.", everywhere=True),
    Action("copy-curl", "write: copy as curl", "ctrl+y", "copy_curl", "write", "Copy the write in the form as a curl command.", everywhere=True),
    Action("write-as-form", "write: as a form", "", "turn_to('form')", "write", "Show the write as a form."),
    Action("write-as-json", "write: as JSON", "", "turn_to('json')", "write", "Show the body as JSON, to be edited."),
    Action("write-as-curl", "write: as curl", "", "turn_to('curl')", "write", "Show the write as a curl command."),
    Action("edit-outside", "write: edit the body in your editor", "ctrl+g", "edit_outside", "write", "Open the body in $VISUAL or $EDITOR, and take over what it saved.", everywhere=True),
)  # fmt: skip

_ANSWER: Final = (
    Action("search-answer", "answer: search", "slash", "search", "answer", "Search the body of the answer.", "Search"),
    Action("next-match", "answer: next match", "n", "next(1)", "answer", "Go to the next place that holds the words."),
    Action("previous-match", "answer: previous match", "N", "next(-1)", "answer", "Go to the place before."),
    Action("copy-answer", "answer: copy", "c", "copy", "answer", "Copy the body of the answer."),
    Action("page-answer", "answer: open in the pager", "v", "page", "answer", "Show the body of the answer in $PAGER."),
    Action("open-written-record", "answer: open the record", "o", "open_record", "answer", "Show the record that the write went to, with its history."),
    Action("open-written-operation", "answer: open the operation", "enter", "open_operation", "answer", "Show the operation of the write, with what can be done about it."),
)  # fmt: skip

_INSTALLER: Final = (
    Action("install-group", "installer: install for a group", "i", "install", "installer", "Install the integration for a group; its fields are created in the CRM.", "Install"),
    Action("uninstall-group", "installer: uninstall a group", "u", "uninstall", "installer", "Uninstall the integration for a group."),
    Action("open-preview", "installer: open in the browser", "o", "open_preview", "installer", "Open the prompts as an HTML page.", "Open"),
    Action("show-config", "installer: show and change the config", "c", "show_config", "installer", "Show what the customer chose: objects, deletes, field settings and mappings; and change it.", "Config"),
    Action("show-plan", "installer: show the plan", "p", "show_plan", "installer", "Show what an installation would create, without doing it."),
)  # fmt: skip

_CONFIG: Final = (
    Action("toggle-config", "config: tick or take the tick away", "space", "tick", "config", "Tick an object, a field or deletes, or take the tick away.", "Tick"),
    Action("edit-config", "config: change the line", "e", "edit", "config", "Change a mapping, mapped values, or a field's setting; enter does the same.", "Change"),
    Action("config-as-json", "config: change as JSON", "J", "edit_json", "config", "Change the whole config as JSON.", "JSON"),
    Action("tick-everything", "config: tick everything", "a", "tick_everything", "config", "Tick everything, after a question, as after an installation from here."),
)  # fmt: skip

_RECORDS: Final = (
    Action("search-records", "records: search", "slash", "search", "records", "Search all values of all records of the object.", "Search"),
    Action("choose-object", "records: choose the object", "o", "choose_object", "records", "Look at another object of the org.", "Object"),
    Action("choose-group", "records: choose the org", "a", "choose_group", "records", "Look into another installation's org."),
    Action("sort-records", "records: sort", "s", "sort", "records", "Sort all records by a field, choose it again to turn the order; a click on a title does so too."),
    Action("choose-columns", "records: choose the columns", "v", "choose_columns", "records", "Choose which fields are columns, and in which order; remembered."),
    Action("edit-record", "record: edit", "e", "edit", "records", "Change the record's fields under the CRM's own rules."),
    Action("mark-record", "record: mark", "space", "mark", "records", "Mark the record, or take the mark away; copying and deleting are about the marked ones."),
    Action("delete-record", "record: delete", "d", "delete", "records", "Delete the record, or the marked ones, after a question."),
    Action("undelete-record", "record: bring back", "u", "undelete", "records", "Bring back what was deleted last, or in the recycle bin what the cursor is on."),
    Action("show-bin", "records: recycle bin", "t", "show_bin", "records", "Show the deleted records of the object, or the others again."),
    Action("copy-records", "records: copy as JSON or CSV", "c", "copy", "records", "Copy the record, the marked ones or those shown."),
    Action("export-records", "records: write all to a file", "f", "export", "records", "Write all records that the list goes through to a .csv, .json or .jsonl file."),
    Action("query-records", "records: query", "x", "query", "records", "Run SOQL (Salesforce) or a search in JSON (HubSpot).", "Query"),
    Action("seed-records", "records: seed from a file", "i", "seed", "records", "Create records from a CSV, JSON or YAML file, with a look at them first."),
    Action("next-records", "records: next page", "n", "turn_page(1)", "records", "Show the next 500 records; so does moving on at the last one."),
    Action("previous-records", "records: previous page", "b", "turn_page(-1)", "records", "Show the previous 500 records; so does moving on at the first one."),
    Action("first-records", "records: first page", "ctrl+home", "go_page(0)", "records", "Show the first 500 records."),
    Action("last-records", "records: last page", "ctrl+end", "go_page(-1)", "records", "Show the last 500 records."),
    Action("save-from-records", "records: save a snapshot", "w", "save_snapshot", "records", "Write the whole state, all orgs included, to a file."),
    Action("restore-from-records", "records: restore a snapshot", "W", "restore_snapshot", "records", "Go back to a state saved in a file."),
    Action("reset-org", "records: reset the org", "X", "reset_org", "records", "Empty this org, after a question; its custom fields stay."),
)  # fmt: skip

_RECORD: Final = (
    Action("edit-this-record", "this record: edit", "e", "edit", "record", "Change the record's fields under the CRM's own rules.", "Edit"),
    Action("delete-this-record", "this record: delete", "d", "delete", "record", "Delete the record, after a question.", "Delete"),
    Action("undelete-this-record", "this record: bring back", "u", "undelete", "record", "Bring the record back after it was deleted.", "Bring back"),
    Action("copy-this-record", "this record: copy as JSON or CSV", "c", "copy", "record", "Copy the record.", "Copy"),
)  # fmt: skip

_QUERY: Final = (
    Action("run-query", "query: run", "ctrl+j,f5", "run", "query", "Run the query and show its rows.", "Run"),
    Action("query-examples", "query: examples", "f2", "examples", "query", "Choose a query to start from.", "Examples"),
    Action("query-history", "query: queries of before", "f3", "history", "query", "Choose one of the queries that were run before; they are remembered.", "Before"),
    Action("complete-query", "query: complete the name", "ctrl+@", "complete", "query", "Offer the objects, fields, relationships and values that may stand at the cursor."),
    Action("previous-query", "query: the one before", "ctrl+up", "step(-1)", "query", "Put the query before into the editor."),
    Action("next-query", "query: the one after", "ctrl+down", "step(1)", "query", "Put the query after it into the editor."),
    Action("search-rows", "query: search the rows", "slash", "search", "query", "Search all values of the rows."),
    Action("sort-rows", "query: sort the rows", "s", "sort", "query", "Sort the rows by a column; choose it again to turn the order."),
    Action("open-row-record", "query: open the record", "o", "open_record", "query", "Show the record of the row with its history."),
    Action("copy-rows", "query: copy as JSON or CSV", "c", "copy", "query", "Copy the row under the cursor, or all of them."),
    Action("export-rows", "query: write the rows to a file", "f", "export", "query", "Write the rows to a .csv, .json or .jsonl file."),
    Action("next-rows", "query: next page", "n", "turn_page(1)", "query", "Show the next 1,000 rows."),
    Action("previous-rows", "query: previous page", "b", "turn_page(-1)", "query", "Show the previous 1,000 rows."),
)  # fmt: skip

_SEEDING: Final = (
    Action("create-seeds", "seed: create the records", "ctrl+j,f5", "create", "seeding", "Create a record of each row of the file.", "Create"),
    Action("toggle-seed-column", "seed: leave the column out, or take it in", "space", "take", "seeding", "Say whether a column of the file is written."),
    Action("map-seed-column", "seed: map the column to a field", "m", "map", "seeding", "Choose the field that a column of the file is written to.", "Map"),
    Action("export-refused", "seed: write the refused rows to a file", "f", "export", "seeding", "Write the refused rows to a file, to mend them there.", "Refused"),
)  # fmt: skip

_SCHEMA: Final = (
    Action("search-schema", "schema: search", "slash", "search", "schema", "Search the fields by name, label, type, pick-list value and manifest entry.", "Search"),
    Action("open-field", "schema: show the field in full", "o", "open", "schema", "Show all that is known of the field; enter does the same.", "Open"),
    Action("copy-field-name", "schema: copy the API name", "c", "copy", "schema", "Copy the API name of the field under the cursor.", "Copy"),
    Action("copy-fields", "schema: copy all fields as JSON", "C", "copy_all", "schema", "Copy the fields shown, with everything that is known of them."),
    Action("choose-schema", "schema: another object", "a", "choose_object", "schema", "Look at the fields of another object of the org."),
)  # fmt: skip

_BATCHES: Final = (
    Action("flush-batch", "batch: flush now", "f", "flush", "batches", "Deliver the batch under the cursor now.", "Flush"),
    Action("pause-batch", "batch: pause or resume", "p", "pause", "batches", "Keep the schedule from flushing the batch, or let it.", "Pause"),
    Action("drop-batch", "batch: drop its writes", "d", "drop", "batches", "Give up all writes that wait in the batch, after a question.", "Drop"),
    Action("flushed-batches", "batches: flushed ones", "H", "flushed", "batches", "Show the batches that were flushed, with what came of them."),
    Action("open-batch", "batch: show its writes", "o", "open", "batches", "Show the writes that wait in the batch; enter does the same."),
)  # fmt: skip

_LOG: Final = (
    Action("toggle-follow", "log: follow the newest", "F", "follow", "log", "Follow the newest request; moving the cursor stops it.", "Follow"),
    Action("filter-log", "log: filter", "slash", "filter", "log", "Filter by words or method:, endpoint:, path:, group:, provider:, operation:, text:, status:, ms:, size:, marked.", "Filter"),
    Action("copy-request", "log: copy as curl, httpx, fetch or JSON", "c", "copy", "log", "Copy the request under the cursor in another language.", "Copy"),
    Action("replay-request", "log: replay", "r", "replay", "log", "Send the request under the cursor again as it was, headers included."),
    Action("edit-request", "log: edit and resend", "e", "edit", "log", "Put the request into the form's JSON tab."),
    Action("mark-request", "log: mark", "m", "mark", "log", "Mark the request, or take the mark away; “marked” in the filter finds it."),
    Action("export-log", "log: export as HAR or JSONL", "x", "export", "log", "Write the requests that pass the filter to a .har or .jsonl file."),
    Action("clear-log", "log: clear", "z", "clear", "log", "Forget the requests so far, after a question."),
)  # fmt: skip

_OPERATIONS: Final = (
    Action("edit-operation", "operation: edit", "e", "edit", "operations", "Change the fields; a waiting write keeps its place, a failed one is sent again.", "Edit"),
    Action("retry-operation", "operation: send again", "r", "retry", "operations", "Send a failed write again as it is.", "Retry"),
    Action("retry-all", "dead letters: retry all", "R", "retry_all", "operations", "Send every write that failed or is in doubt again, after a question."),
    Action("drop-operation", "operation: drop", "d", "drop", "operations", "Give the write up, after a question."),
    Action("send-operation", "operation: send now", "s", "send_now", "operations", "Send a waiting write alone and at once.", "Send"),
    Action("check-operation", "operation: look for it in the CRM", "c", "check", "operations", "Look for a write in doubt in the mock CRM, and say what to do.", "Look up"),
    Action("mark-operation", "operation: mark as written", "w", "mark_written", "operations", "Note that a write in doubt is in the CRM after all.", "Mark"),
    Action("search-operations", "operations: search", "slash", "search", "operations", "Search all of them by words, group:, object:, endpoint:, state: or error:."),
    Action("next-operations", "operations: next page", "n", "turn_page(1)", "operations", "Show the next 500 operations."),
    Action("previous-operations", "operations: previous page", "b", "turn_page(-1)", "operations", "Show the previous 500 operations."),
    Action("open-operation-request", "operation: open its request", "enter", "open_request", "operations", "Show the request that the operation was made of, its CRM requests and timing."),
    Action("open-operation-record", "operation: open its record", "o", "open_record", "operations", "Show the record that the operation wrote or is to update."),
    Action("flush-these", "operations: flush the batch", "f", "flush", "operations", "Deliver the batch these writes wait in."),
)  # fmt: skip

_EXCHANGE: Final = (
    Action("copy-exchange", "exchange: copy as curl, httpx, fetch or JSON", "c", "copy", "exchange", "Copy the request, or a CRM request made for it, in another language.", "Copy"),
    Action("next-exchange", "exchange: next request", "right_square_bracket", "go_on(1)", "exchange", "Show the next request of the log, on the same tab."),
    Action("previous-exchange", "exchange: previous request", "left_square_bracket", "go_on(-1)", "exchange", "Show the previous request of the log, on the same tab."),
    Action("replay-exchange", "exchange: replay", "r", "replay", "exchange", "Send the request again as it was.", "Replay"),
    Action("page-exchange", "exchange: open in the pager", "v", "page", "exchange", "Show request and answer in $PAGER."),
    Action("edit-exchange", "exchange: edit and resend", "e", "edit", "exchange", "Put the request into the form's JSON tab."),
    Action("search-exchange", "exchange: search", "slash", "search", "exchange", "Search the text that is shown; the border counts the places.", "Search"),
    Action("next-place", "exchange: next place", "n", "go(1)", "exchange", "Go to the next place that holds the words that were searched."),
    Action("previous-place", "exchange: previous place", "N", "go(-1)", "exchange", "Go to the previous place that holds the words that were searched."),
    Action("open-exchange-operation", "exchange: open the operation", "enter", "open_operation", "exchange", "Show the operation that was made of the request, with what can be done about it."),
    Action("open-exchange-record", "exchange: open the record", "o", "open_record", "exchange", "Show the record that the request's write went to."),
)  # fmt: skip

_FLUSHED: Final = (
    Action("open-flushed", "flushed batch: show its writes", "o", "open", "flushed", "Show the writes of the batch; enter does the same.", "Writes"),
    Action("reload-flushed", "flushed batches: read again", "r", "reload", "flushed", "Read the list anew.", "Reload"),
)  # fmt: skip

_FAULTS: Final = (
    Action("add-fault", "faults: add", "a", "add", "faults", "Choose a way for the mock CRM to misbehave.", "Add"),
    Action("remove-fault", "faults: remove", "d", "remove", "faults", "Take the rule under the cursor out of force.", "Remove"),
    Action("clear-faults", "faults: clear", "x", "clear", "faults", "Let the mock CRM behave again."),
    Action("choose-faulty-org", "faults: choose the org", "o", "choose", "faults", "Look at another installation's org.", "Org"),
)  # fmt: skip

_CONNECTIONS: Final = (
    Action("test-connection", "connections: test", "t", "test", "connections", "Ask the CRM whose org this is."),
    Action("give-credentials", "connections: give credentials", "c", "reconnect", "connections", "Give a live installation its credentials, after a restart or when they changed; what waits stays.", "Credentials"),
    Action("go-live", "connections: go live", "L", "go_live", "connections", "Give credentials, see whose org they lead to, and write to it from now on.", "Go live"),
    Action("go-mock", "connections: go back to the mock", "b", "go_mock", "connections", "Write to a mock org again, and forget the credentials.", "Back to mock"),
)  # fmt: skip

_FINDINGS: Final = (
    Action("edit-finding", "finding: open in your editor", "e", "edit", "findings", "Open amp.yaml in $VISUAL or $EDITOR, at the line of the finding; enter does the same.", "Edit"),
)  # fmt: skip

_MESSAGES: Final = (
    Action("copy-message", "messages: copy", "c", "copy", "messages", "Copy the message under the cursor.", "Copy"),
)  # fmt: skip

_CAPACITY: Final = (
    Action("simulate-capacity", "capacity: simulate", "ctrl+j,f5", "simulate", "capacity", "Simulate what the fields say.", "Simulate"),
    Action("stop-simulation", "capacity: stop", "escape", "stop", "capacity", "Simulate no more groups, and show what there is.", "Stop"),
    Action("export-capacity", "capacity: write the report to a file", "f7", "export", "capacity", "Write the report as a page with plots, as JSON or as text.", "Write"),
)  # fmt: skip

_ACTIVITY: Final = (
    Action("earlier-activity", "activity: an earlier moment", "left", "move(-1)", "activity", "Move the cursor to the left, and name the numbers there.", "Earlier"),
    Action("later-activity", "activity: a later moment", "right", "move(1)", "activity", "Move the cursor to the right, and name the numbers there.", "Later"),
    Action("widen-activity", "activity: a longer time", "w", "zoom(1)", "activity", "Show 6 hours instead of one, or 24."),
    Action("narrow-activity", "activity: a shorter time", "n", "zoom(-1)", "activity", "Show 6 hours instead of 24, or one."),
    Action("export-activity", "activity: write the plots to a file", "f", "export", "activity", "Write the plots to a file: a page, or one SVG picture.", "Write"),
)  # fmt: skip

ACTIONS: Final = (
    *_APP, *_INTEGRATIONS, *_WRITE, *_ANSWER, *_INSTALLER, *_CONFIG, *_RECORDS, *_RECORD, *_QUERY, *_SEEDING, *_SCHEMA, *_BATCHES,
    *_LOG, *_OPERATIONS, *_FLUSHED, *_EXCHANGE, *_FAULTS, *_CONNECTIONS, *_FINDINGS, *_MESSAGES, *_CAPACITY, *_ACTIVITY,
)  # fmt: skip


def bindings(panel: str) -> list[Binding]:
    """The bindings of one panel, or of the `app`, which has the keys that work everywhere."""
    own = [action.binding() for action in ACTIONS if action.panel == panel]
    distant = (
        [action.distant_binding() for action in ACTIONS if action.everywhere and action.keys]
        if panel == "app"
        else []
    )
    return [*own, *distant]


def actions_of(panel: str) -> list[Action]:
    """The actions of one panel, in the order in which help lists them."""
    return [action for action in ACTIONS if action.panel == panel]


KEY_NAMES: Final = {
    "question_mark": "?", "exclamation_mark": "!", "slash": "/", "plus": "+", "minus": "-",
    "less_than_sign": "<", "greater_than_sign": ">",
    "left_curly_bracket": "{", "right_curly_bracket": "}",
    "left_square_bracket": "[", "right_square_bracket": "]", "escape": "esc", "ctrl+@": "ctrl+space", "left": "←",
    "right": "→",
}  # fmt: skip


def key_words(action: Action, keymap: Mapping[str, str]) -> str:
    """The keys of an action as a person reads them; `keymap` has the user's own keys by action id."""
    keys = keymap.get(action.id, action.keys)
    return " ".join(KEY_NAMES.get(key, key) for key in keys.split(",") if key)
