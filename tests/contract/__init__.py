"""What any Music Assistant server must answer."""
