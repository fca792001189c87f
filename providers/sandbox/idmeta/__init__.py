"""IDMeta's HTTP API as its documentation, SDK and clients show it."""
