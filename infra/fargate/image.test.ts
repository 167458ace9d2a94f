// Tests of the image and its repository.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import { stackOf } from '../testing/stacks';

const DOCKERFILE = readFileSync(join(PROJECT_DIRECTORY, 'service', 'Dockerfile'), 'utf8');
const IGNORED = readFileSync(join(PROJECT_DIRECTORY, 'service/Dockerfile.dockerignore'), 'utf8');

describe('Image', () => {
  it('scans on push, overwrites no tag but those of builds, and keeps twenty images', async () => {
    const view = await stackOf('prod');
    expect(view.inputs(':Repository')).toMatchObject({
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filter: 'build-*', filterType: 'WILDCARD' }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [
        { encryptionType: 'KMS', kmsKey: view.one('kms/key:Key', 'gh-tables').outputs.arn },
      ],
    });
    expect(view.inputs(':LifecyclePolicy').policy).toContain('"countNumber":20');
  });

  it('builds for ARM64 and needs no Docker for a preview', async () => {
    expect((await stackOf('prod')).inputs('docker-build:index:Image')).toMatchObject({
      platforms: ['linux/arm64'],
      push: true,
      buildOnPreview: false,
      context: { location: '.' },
      dockerfile: { location: 'service/Dockerfile' },
    });
  });

  it('keeps the password of the registry a secret', async () => {
    const image = (await stackOf('prod')).one('docker-build:index:Image');
    expect(image.secretInputs).toEqual(['registries']);
  });

  it('copies the collector where tasks cannot reach the public registry', async () => {
    const view = await stackOf('prod', { egress: 'endpoints' });
    const repository = view.one(':Repository', '-collector-images').outputs.repositoryUrl as string;
    expect(view.container('collector').image).toMatch(new RegExp(`^${repository}@sha256:`));
    expect(view.inputs('docker-build:index:Image', '-collector-image')).toHaveProperty(
      'dockerfile.inline',
      expect.stringMatching(/^FROM public\.ecr\.aws\/.+@sha256:[0-9a-f]{64}\n$/),
    );
  });

  it('pitfall 31: may push every tag of its own again: the same sources can make another image', async () => {
    const view = await stackOf('prod', { egress: 'endpoints' });
    for (const { inputs } of view.all('ecr/repository:Repository')) {
      const [{ filter } = { filter: '' }] = inputs.imageTagMutabilityExclusionFilters as {
        filter: string;
      }[];
      for (const image of view.all('docker-build:index:Image')) {
        const [tag = ''] = (image.inputs.tags as string[]).map((each) => each.split(':')[1] ?? '');
        expect(tag.startsWith(filter.replace('*', ''))).toBe(true);
      }
    }
  });

  it('pitfall 32: keeps the copy where no image of the service can push it out', async () => {
    const view = await stackOf('prod', { egress: 'endpoints' });
    const tags = (image: string) => view.inputs('docker-build:index:Image', image).tags as string[];
    const [service] = tags('-service-image');
    const [collector] = tags('-collector-image');
    expect(collector?.split(':')[0]).not.toBe(service?.split(':')[0]);
    const repositories = view.all(':LifecyclePolicy').map(({ inputs }) => inputs.repository);
    expect(new Set(repositories).size).toBe(2);
    expect(view.rights('-exec-policy').PullImages?.Resource).toEqual(
      view.all('ecr/repository:Repository').map(({ outputs }) => outputs.arn),
    );
  });

  it('pitfall 14: goes with its images, except in prod', async () => {
    expect((await stackOf('dev')).inputs(':Repository').forceDelete).toBe(true);
    expect((await stackOf('prod')).inputs(':Repository').forceDelete).toBe(false);
  });

  it('pitfall 21: is deployed by digest, tagged by the hash of what is in it', async () => {
    const view = await stackOf('prod');
    const repository = view.one(':Repository').outputs.repositoryUrl as string;
    expect(view.container('service').image).toMatch(
      new RegExp(`^${repository}@sha256:[0-9a-f]{64}$`),
    );
    const { tags } = view.inputs('docker-build:index:Image');
    expect(tags).toEqual([expect.stringMatching(new RegExp(`^${repository}:build-[0-9a-f]{12}$`))]);
    expect(
      (await stackOf('prod', { logLevel: 'warn' })).inputs('docker-build:index:Image').tags,
    ).toEqual(tags);
  });
});

describe('Dockerfile', () => {
  const patterns = IGNORED.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  /** What the build stage copies, and where to. */
  const copiesOf = (service: string) =>
    [...DOCKERFILE.matchAll(/^COPY (?!--)(.+) (\S+)$/gm)].flatMap(([, sources = '', target = '']) =>
      sources.split(' ').map((source) => ({
        source: source.replace('${SERVICE}', service),
        target: target.replace('${SERVICE}', service),
      })),
    );

  it('pins every base image by digest', () => {
    const bases = DOCKERFILE.split('\n').filter((line) => line.startsWith('FROM '));
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toMatch(/@sha256:[0-9a-f]{64}( AS \w+)?$/);
  });

  it('ends on distroless, as nobody', () => {
    const last = DOCKERFILE.slice(DOCKERFILE.lastIndexOf('\nFROM '));
    expect(last).toMatch(/FROM gcr\.io\/distroless\/nodejs24-debian13:nonroot@/);
    expect(last).toMatch(/^USER 65532:65532$/m);
  });

  it.each(['service', 'examples/notes'])('copies all that the build of %s needs', (service) => {
    const folder = mkdtempSync(join(tmpdir(), 'image-'));
    try {
      for (const { source, target } of copiesOf(service)) {
        const from = join(PROJECT_DIRECTORY, source);
        const to = statSync(from).isDirectory() ? target : join(target, basename(source));
        cpSync(from, join(folder, to), { recursive: true });
      }
      symlinkSync(join(PROJECT_DIRECTORY, 'node_modules'), join(folder, 'node_modules'));
      expect(DOCKERFILE).toMatch(/^RUN npm run build -- \$\{SERVICE\}$/m);
      const build = spawnSync('npm', ['run', 'build', '--', service], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([build.status, build.stderr]).toEqual([0, '']);
      const copied = /COPY --from=build \/build\/(\S+)/.exec(DOCKERFILE)?.[1] ?? '';
      expect(existsSync(join(folder, copied))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('sees what it copies, and none of the rooms that no image is made of', () => {
    for (const { source } of copiesOf('examples/notes')) {
      const [room = ''] = source.split('/');
      const hidden = patterns.includes(room) || room.startsWith('.');
      expect([source, hidden && !patterns.includes(`!${source}`)]).toEqual([source, false]);
    }
    const rooms = 'coverage dashboards dist docs edge infra node_modules policies recorder tools';
    expect(patterns).toEqual(expect.arrayContaining(rooms.split(' ')));
    expect(patterns).toEqual(
      expect.arrayContaining(['.*', '*.md', '*.yaml', '**/*.test.ts', '**/testing']),
    );
  });
});
