"""HTTP APIs as contracts describe them: what is asked, how answers are paged, and the records that are cut out of them."""
