"""The volume simulation: a representative volume of the blend, voxel by voxel, drawn until crazes open in it."""
