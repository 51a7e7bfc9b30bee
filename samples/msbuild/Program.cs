System.Console.WriteLine("An application whose Python parts are locked in poetry.lock.");
