"""What the application's own actions do, by subject. `ampsandbox.tui.app` puts them together."""
