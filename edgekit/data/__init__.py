"""Labelled images: a class folder, a folder with labels.csv, or an .npz; one preprocessing."""
