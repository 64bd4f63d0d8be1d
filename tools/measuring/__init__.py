# What tools/measure needs beside its tables: a page of pictures, and other delineators on the same beats.
