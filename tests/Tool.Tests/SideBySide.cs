// Classes run side by side: nearly every test waits for processes of its own. Within a class they run one after the other.
[assembly: Parallelize(Workers = 3, Scope = ExecutionScope.ClassLevel)]
