"""The commands, one module each; a module here is a command, and its name is the command's."""
