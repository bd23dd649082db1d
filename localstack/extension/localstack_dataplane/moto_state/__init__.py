"""The only package that touches moto: reads what the API recorded, writes back what is true."""
