"""What the volume simulation leaves in a drawn film: microcracks below the voxel, cavities, connection, and the image of it."""
