"""The inner parts of .xlsx workbooks, read in bounded memory."""
