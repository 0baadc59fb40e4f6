"""What a person fills in: the model, what it runs on, the workload, a training, models to compare."""
