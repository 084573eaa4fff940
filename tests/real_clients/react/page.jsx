// A page of a user's own that embeds Ampersand's installer; what it is about stands in the query.
import { AmpersandProvider, InstallIntegration } from "@amp-labs/react";
import "@amp-labs/react/styles";
import { createRoot } from "react-dom/client";

const asked = new URLSearchParams(location.search);
window.callbacks = [];
const heard = (name) => (id, config) => window.callbacks.push({ name, id, config });

createRoot(document.getElementById("root")).render(
  <AmpersandProvider options={{ project: asked.get("project"), apiKey: "any" }}>
    <InstallIntegration
      integration={asked.get("integration")}
      consumerRef="ada"
      consumerName="Ada Lovelace"
      groupRef={asked.get("group")}
      groupName="Newcomers Inc."
      onInstallSuccess={heard("installed")}
      onUpdateSuccess={heard("updated")}
      onUninstallSuccess={heard("uninstalled")}
    />
  </AmpersandProvider>,
);
