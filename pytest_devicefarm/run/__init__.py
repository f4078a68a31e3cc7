"""Who runs where: the process that talks to AWS, and the workers it serves."""
