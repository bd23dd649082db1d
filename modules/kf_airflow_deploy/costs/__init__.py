"""What a synthesized stack costs a month: quantities, prices, and what one makes of the other."""
