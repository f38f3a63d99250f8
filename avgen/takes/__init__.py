"""What runs leave behind: cached results, receipts, output folders."""
