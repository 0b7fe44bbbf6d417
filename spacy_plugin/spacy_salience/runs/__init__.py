"""`salience run`: any pipeline over files of any size, to tables on disk."""
