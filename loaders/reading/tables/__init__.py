"""Tables in sheets: Book -> rows under the contract."""
