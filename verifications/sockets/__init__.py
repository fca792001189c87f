"""Live events over WebSockets.

`consumer` speaks with one client, in the messages of `protocol`; `handshake` says who it is. One
`feed` in each process reads the event log for all its sockets. `announce` and `wakeups` carry, over
Redis, only that a verification's log has grown; whatever they lose, the feed finds by itself.
"""
