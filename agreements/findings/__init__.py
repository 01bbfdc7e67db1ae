"""What is worth a look in a contract: found in its file and in its history, each with the remedy where one click can bring it."""
