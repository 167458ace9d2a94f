// The entry of the container.
import { users } from './app';
import { runContainer } from './kit/container';

void runContainer(users, process.env);
