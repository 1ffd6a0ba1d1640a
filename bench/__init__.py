"""What we measure, each figure beside its raw baseline in the same run."""
