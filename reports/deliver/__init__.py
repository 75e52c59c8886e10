"""Bring a day's reports to where people are: a store by URL, a mailbox, a webhook."""
