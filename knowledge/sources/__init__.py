"""Where documents come from: files, the web, git; others bring a `Connector`."""
