"""The far ends, for the demo and the tests: a Twilio look-alike, a mailbox, an embedded broker and database, sample cases."""
