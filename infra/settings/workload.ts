// What runs on a stack: the workload that its settings name, and where its program comes from.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { nearest } from '../../contracts/did-you-mean';
import type { KeyCounter } from '../../contracts/metrics';
import { extendWorkload, type Workload } from '../../contracts/workload';
import { readWorkloadFile } from '../../contracts/workload-file';
import { extensionProblems, workloadProblems } from '../../contracts/workload-problems';

/** Where the program comes from; folders are relative to `Pulumi.yaml`. */
export type Source =
  | {
      readonly kind: 'service';
      /** Folder with `workload.ts` and `src/main.ts`: built and bundled from here. */
      readonly folder: string;
    }
  | {
      readonly kind: 'image';
      /** `registry/repository@sha256:…`. */
      readonly image: string;
      /** Folder of the declaration: on a laptop its local command is started there. */
      readonly folder: string;
      /** Whether it holds a service of this repository, and so its kit. */
      readonly hasKit: boolean;
    };

/** Who counts requests by key: the kit where it runs, for it sees each request; else the edge. */
export function keyCounter(source: Source): KeyCounter {
  return source.kind === 'service' || source.hasKit ? 'service' : 'edge';
}

/** The settings that say what runs. */
export interface WorkloadSettings {
  readonly service: string | undefined;
  readonly workload: string | undefined;
  readonly image: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** What runs, and what is wrong with it; without problems there is a workload. */
export interface WorkloadChoice {
  readonly problems: readonly string[];
  readonly workload: Workload | undefined;
  readonly source: Source;
}

/** The service that ships. */
const SHIPPED = 'service';
const ROOT = join(__dirname, '..', '..');

/** Reads what the settings name. */
export function chooseWorkload(
  settings: WorkloadSettings,
  compute: 'fargate' | 'lambda',
): WorkloadChoice {
  const { service, workload: file, image, environment, secrets } = settings;
  const declared =
    file === undefined
      ? declarationOf(service ?? SHIPPED, compute)
      : prefixed(`${file}, `, readDeclaration(file));
  const extension = { environment, secrets };
  const problems = [
    ...declared.problems,
    ...extensionProblems(declared.workload, extension).map((problem) => `gatehouse:${problem}`),
  ];
  const folder = file === undefined ? (service ?? SHIPPED) : posix.dirname(file);
  return {
    problems,
    workload:
      declared.workload === undefined ? undefined : extendWorkload(declared.workload, extension),
    source:
      image === undefined
        ? { kind: 'service', folder }
        : { kind: 'image', image, folder, hasKit: file === undefined },
  };
}

interface Declared {
  readonly workload?: Workload;
  readonly problems: readonly string[];
}

function prefixed(prefix: string, { problems, ...rest }: Declared): Declared {
  return { ...rest, problems: problems.map((problem) => `${prefix}${problem}`) };
}

function readDeclaration(file: string): Declared {
  let text: string;
  try {
    text = readFileSync(join(ROOT, file), 'utf8');
  } catch {
    return {
      problems: [
        `which gatehouse:workload names, can't be read: expected a file, its path relative to Pulumi.yaml.`,
      ],
    };
  }
  return { problems: [], ...readWorkloadFile(text) };
}

/** The image is made of the one entry, and Lambda's bundle of the other; a laptop runs the first. */
const ENTRIES = { fargate: ['src/main.ts'], lambda: ['src/main.ts', 'src/lambda.ts'] } as const;

/** The declaration in a folder of this repository. */
function declarationOf(folder: string, compute: 'fargate' | 'lambda'): Declared {
  const declaration = posix.join(folder, 'workload.ts');
  const entries = ENTRIES[compute].map((file) => posix.join(folder, file));
  const missing = [declaration, ...entries].filter((file) => !existsSync(join(ROOT, file)));
  if (missing.length > 0) {
    const near = nearest(folder, serviceFolders());
    return {
      problems: [
        `gatehouse:service is "${folder}", and there is no ${missing.join(', no ')}: expected a ` +
          `folder with a declaration and an entry.${near === undefined ? '' : ` Did you mean ${near}?`}`,
      ],
    };
  }
  return prefixed(`${declaration}: `, declarationIn(join(ROOT, folder)));
}

function declarationIn(folder: string): Declared {
  try {
    // The stack chooses the folder, so no import can name it.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { workload } = require(join(folder, 'workload')) as { workload?: Workload };
    if (typeof workload !== 'object' || workload === null) {
      return { problems: ['it exports no workload: expected `export const workload: Workload`.'] };
    }
    const problems = workloadProblems(workload);
    return problems.length > 0 ? { problems } : { problems, workload };
  } catch (error) {
    return { problems: [`it can't be loaded: ${(error as Error).message}`] };
  }
}

/** Folders that hold a service: the one that ships, and the examples. */
function serviceFolders(): string[] {
  const examples = join(ROOT, 'examples');
  return [
    SHIPPED,
    ...(existsSync(examples) ? readdirSync(examples).map((name) => `examples/${name}`) : []),
  ];
}
