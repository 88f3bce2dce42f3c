"""What every room uses: errors, files, checksums, the frame of a stage, constants."""
