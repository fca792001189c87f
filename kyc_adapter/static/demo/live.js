"use strict";

/* A verification as it happens, over a WebSocket; see docs/websocket-clients.md. */

const OUTCOMES = new Set(["completed", "failed", "review", "cancelled", "expired"]);

/** Calls onEvent for each event. Resolves at the outcome, or when the socket is lost. */
function follow(address, ticket, onEvent) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${address}?ticket=${encodeURIComponent(ticket)}`);
    socket.addEventListener("close", resolve);
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      if (message.sequence) onEvent(message);
      if (OUTCOMES.has(message.event)) socket.close();
    });
  });
}
