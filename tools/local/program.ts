// Reads a stack, and what a task of it runs on this machine: a bundle, or the command of a workload file.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
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
  built: Built;
  /** Builds what is there now. Rejects with what is wrong with it. */
  build: () => Promise<Built>;
  /** Folders whose files make the program, from the repository's root. */
  folders: readonly string[];
  /** An image that a process stands in for: no container engine is used here. */
  image?: string;
}

/** What a task runs, as it was built. */
export interface Built {
  command: Command;
  /** Of the program; none when it is not built here. */
  digest?: string;
  /** Removes what was built: no task runs it. */
  discard: () => void;
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
  const seen: { config?: Config; built?: Promise<Built>; builds: number } = { builds: 0 };
  const buildFolder = buildFolderOf(process.pid);
  onFile(buildFolder);
  onClose(async () => {
    // A stack that can't be read fails sooner than the bundler ends writing.
    await seen.built?.catch(() => undefined);
    rmSync(buildFolder, { recursive: true, force: true });
  });
  const build = (config: Config) => {
    seen.builds += 1;
    seen.built = builtOf(config, join(buildFolder, String(seen.builds)));
    // Awaited by whoever asked; until then nobody hears of a failure.
    seen.built.catch(() => undefined);
    return seen.built;
  };
  const recording = await record(stack, {
    ...project,
    program: () => {
      seen.config ??= readConfig();
      if (seen.built === undefined) void build(seen.config).catch(() => undefined);
      return gatehouse();
    },
  });
  const { config, built } = seen;
  if (config === undefined || built === undefined) {
    throw new Error(`The program of stack ${stack} did not run.`);
  }
  const { workload, source } = config;
  return {
    ...{ recording, workload, objectives: objectivesOf(config), built: await built },
    build: () => build(config),
    folders: foldersOf(config),
    ...(source.kind === 'image' ? { image: source.image } : {}),
  };
}

/** A service on the kit is made of the kit and of the contracts, too. */
function foldersOf({ source, workload }: Pick<Config, 'source' | 'workload'>): string[] {
  if (workload.local !== undefined) return [source.folder];
  return [...new Set([source.folder, 'service', 'contracts'])];
}

async function builtOf(
  { source, workload }: Pick<Config, 'source' | 'workload'>,
  buildFolder: string,
): Promise<Built> {
  const folder = join(PROJECT_DIRECTORY, source.folder);
  const [program, ...args] = workload.local?.command ?? [];
  if (program !== undefined) {
    return { command: { program, args, folder }, discard: () => undefined };
  }
  // An image may hold a service of this repository, which is bundled then as it is without one.
  if (source.kind === 'image' && !existsSync(join(folder, 'src/main.ts'))) {
    throw new Error(
      `The stack runs the image ${source.image}, and no container engine is used here: say in its ` +
        `workload file how ${workload.name} is started on this machine, for example\n` +
        '  local: { command: [python3, app.py] }\n' +
        `It is started in the folder of the file (${source.folder}).`,
    );
  }
  const { main } = await bundleService(buildFolder, source.folder, 'main');
  return {
    command: {
      program: process.execPath,
      args: ['--enable-source-maps', main],
      folder: buildFolder,
    },
    digest: createHash('sha256').update(readFileSync(main)).digest('hex'),
    discard: () => rmSync(buildFolder, { recursive: true, force: true }),
  };
}
