// What a task runs on this machine, and the API that it is.
import type { Workload } from '../../contracts/workload';
import { bundleService } from '../../service/bundle';
import { workload } from '../../service/workload';
import type { Command } from './fargate/launcher';

/** An API as the platform and the person in front of it know it, and how it is started. */
export interface LocalProgram {
  workload: Workload;
  command: Command;
}

/**
 * Builds what is to be built.
 * @param buildFolder where the bundle goes.
 */
export async function prepareProgram(buildFolder: string): Promise<LocalProgram> {
  const { main } = await bundleService(buildFolder);
  return {
    workload,
    command: {
      program: process.execPath,
      args: ['--enable-source-maps', main],
      folder: buildFolder,
    },
  };
}
