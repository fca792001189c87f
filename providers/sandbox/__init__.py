"""The vendors' APIs imitated over HTTP, for demos and whole-flow tests. Imports no Django."""
