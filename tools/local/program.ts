// Reads a stack, and what a task of it runs on this machine: a bundle, or the command of a workload file.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Workload } from '../../contracts/workload';
import type { Objectives } from '../../dashboards/references';
import { objectivesOf } from '../../infra/context';
import gatehouse from '../../infra/index';
import { readConfig } from '../../infra/settings/config';
import type { Config } from '../../infra/settings/config';
import { record } from '../../recorder/record';
import type { Recording, RecordOptions } from '../../recorder/record';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import { bundleService } from '../../service/bundle';
import type { Command } from './fargate/launcher';
import type { Ground } from './ground';
import { buildFolderOf } from './state';

/** What a stack declares, and the API behind it as it is started here. */
export interface LocalStack {
  recording: Recording;
  workload: Workload;
  objectives: Objectives;
  command: Command;
  /** An image that a process stands in for: no container engine is used here. */
  image?: string;
}

/** Where the stack's configuration is, and what replaces it. */
export type Project = Pick<RecordOptions, 'config' | 'directory'>;

/**
 * Records the stack and builds its service.
 * @throws Error when the stack can't be read, its service does not compile, or its image names no
 * local command.
 */
export async function readStack(
  stack: string,
  project: Project,
  { onClose, onFile }: Pick<Ground, 'onClose' | 'onFile'>,
): Promise<LocalStack> {
  const seen: { config?: Config; command?: Promise<Command> } = {};
  const buildFolder = buildFolderOf(process.pid);
  onFile(buildFolder);
  onClose(async () => {
    // A stack that can't be read fails sooner than the bundler ends writing.
    await seen.command?.catch(() => undefined);
    rmSync(buildFolder, { recursive: true, force: true });
  });
  const recording = await record(stack, {
    ...project,
    program: () => {
      seen.config ??= readConfig();
      seen.command ??= commandOf(seen.config, buildFolder);
      // Awaited below; until then nobody hears of a failure.
      seen.command.catch(() => undefined);
      return gatehouse();
    },
  });
  const { config, command } = seen;
  if (config === undefined || command === undefined) {
    throw new Error(`The program of stack ${stack} did not run.`);
  }
  const { workload, source } = config;
  return {
    ...{ recording, workload, objectives: objectivesOf(config), command: await command },
    ...(source.kind === 'image' ? { image: source.image } : {}),
  };
}

async function commandOf(
  { source, workload }: Pick<Config, 'source' | 'workload'>,
  buildFolder: string,
): Promise<Command> {
  const folder = join(PROJECT_DIRECTORY, source.folder);
  const [program, ...args] = workload.local?.command ?? [];
  if (program !== undefined) return { program, args, folder };
  // An image may hold a service of this repository, which is bundled then as it is without one.
  if (source.kind === 'image' && !existsSync(join(folder, 'src/main.ts'))) {
    throw new Error(
      `The stack runs the image ${source.image}, and no container engine is used here: say in its ` +
        `workload file how ${workload.name} is started on this machine, for example\n` +
        '  local: { command: [python3, app.py] }\n' +
        `It is started in the folder of the file (${source.folder}).`,
    );
  }
  const { main } = await bundleService(buildFolder, source.folder);
  return {
    program: process.execPath,
    args: ['--enable-source-maps', main],
    folder: buildFolder,
  };
}
