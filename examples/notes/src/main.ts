// The entry of the container.
import { runContainer } from '../../../service/src/kit/container';
import { notes } from './app';

void runContainer(notes, process.env);
