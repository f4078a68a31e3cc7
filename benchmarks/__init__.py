"""What the plugin costs and saves, beside a conftest file that does the job by hand: ``python -m benchmarks``."""
