"""The model zoo: architectures with their metaparameters, one module each."""
