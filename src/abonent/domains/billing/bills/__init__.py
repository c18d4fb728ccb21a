"""Monthly bills of contracts that pay afterwards, with value added tax."""
