"""The benchmarks and the tools that they compare Leadbook with. Not in the wheel."""
