"""Commands about people who are told something: `huimin outbox`, `routes`, `chase`."""
