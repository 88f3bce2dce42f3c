"""The parameters: a module a section of params.yaml, its composition from conf/, its checks."""
