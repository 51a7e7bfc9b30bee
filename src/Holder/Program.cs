using DotnetRelease.Containers.Wire;
using DotnetRelease.Holder;

// Started by the tool as process 1 of a container's process namespace: DESCRIPTOR STORE IDS BUBBLEWRAP.
using var socket = new ControlSocket(int.Parse(args[0], provider: null));
Surroundings.Prepare();
new Requests(socket, new Store(args[1], int.Parse(args[2], provider: null)), args[3]).Serve();

// At once: with process 1 the kernel ends whatever is still in the container.
Surroundings.Exit();
