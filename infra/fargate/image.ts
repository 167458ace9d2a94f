// The container image: built on this machine, pushed to a repository of the stack, used by digest.
import * as aws from '@pulumi/aws';
import * as dockerBuild from '@pulumi/docker-build';
import * as pulumi from '@pulumi/pulumi';
import { COLLECTOR_IMAGE } from './task-definition';

/** An image that is built on this machine. */
export interface Build {
  readonly kind: 'build';
  /** Folder that the Dockerfile's `COPY` reads from, relative to the project: state is shared. */
  readonly context: string;
  /** Path of the Dockerfile; its `.dockerignore` beside it decides what counts as a change. */
  readonly dockerfile: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Hash of all that goes into the image: what people tell images apart by. */
  readonly contentHash: string;
}

/** What {@link Image} needs. */
export interface ImageArgs {
  /** The image that serves: one that is built, or one that exists, by digest. */
  service: Build | { readonly kind: 'image'; readonly image: string };
  /** Copy the collector into a repository of its own, for tasks that have no way to the public registry. */
  mirrorCollector: boolean;
  /** Customer-managed key that encrypts the images. */
  kmsKeyArn: pulumi.Input<string>;
  /** Delete the repository with all its images on `destroy`. */
  forceDelete: boolean;
}

/** The images that a task runs, both by digest. */
export class Image extends pulumi.ComponentResource {
  /** `repository@sha256:…` of the service. */
  readonly service: pulumi.Output<string>;
  /** `repository@sha256:…` of the collector. */
  readonly collector: pulumi.Output<string>;
  /** ARNs of the private repositories that tasks pull from. */
  readonly repositoryArns: pulumi.Output<string>[];

  constructor(name: string, args: ImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Image', name, {}, opts);
    const service = serviceImage(name, args, this);
    const collector = collectorImage(name, args, this);
    this.service = service.image;
    this.collector = collector.image;
    this.repositoryArns = [...service.repositoryArns, ...collector.repositoryArns];
    this.registerOutputs({ service: this.service, collector: this.collector });
  }
}

interface PulledImage {
  /** `repository@sha256:…` */
  readonly image: pulumi.Output<string>;
  /** ARNs of the private repositories that it is pulled from. */
  readonly repositoryArns: pulumi.Output<string>[];
}

function serviceImage(name: string, args: ImageArgs, parent: pulumi.Resource): PulledImage {
  const { service } = args;
  if (service.kind === 'image') {
    return {
      image: pulumi.output(service.image),
      repositoryArns: privateRepository(service.image).map((arn) => pulumi.output(arn)),
    };
  }
  const repository = repositoryOf(`${name}-images`, SERVICE_IMAGES, args, parent);
  const image = new dockerBuild.Image(
    `${name}-service-image`,
    {
      ...pushed(repository, service.contentHash, parent),
      context: { location: service.context },
      dockerfile: { location: service.dockerfile },
      buildArgs: { ...service.buildArgs },
    },
    { parent },
  );
  return byDigest(repository, image);
}

/** The public one, or a copy of it for tasks that have no way to the public registry. */
function collectorImage(name: string, args: ImageArgs, parent: pulumi.Resource): PulledImage {
  if (!args.mirrorCollector) return { image: pulumi.output(COLLECTOR_IMAGE), repositoryArns: [] };
  // A repository of its own: among the service's images it would expire after a few deployments.
  const repository = repositoryOf(`${name}-collector-images`, COLLECTOR_IMAGES, args, parent);
  const digest = COLLECTOR_IMAGE.split('@sha256:')[1] ?? '';
  const image = new dockerBuild.Image(
    `${name}-collector-image`,
    {
      ...pushed(repository, digest.slice(0, 12), parent),
      dockerfile: { inline: `FROM ${COLLECTOR_IMAGE}\n` },
    },
    { parent },
  );
  return byDigest(repository, image);
}

function byDigest(repository: aws.ecr.Repository, image: dockerBuild.Image): PulledImage {
  return {
    image: pulumi.interpolate`${repository.repositoryUrl}@${image.digest}`,
    repositoryArns: [repository.arn],
  };
}

/** ARN of the repository of an image in ECR; an image elsewhere needs no right of AWS's. */
function privateRepository(image: string): string[] {
  const found = /^(\d+)\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^@:]+)/.exec(image);
  if (found === null) return [];
  const [, account, region, name] = found;
  return [`arn:aws:ecr:${region}:${account}:repository/${name}`];
}

/** What the tags of images start with that are built, or copied, here. */
const BUILD_TAG = 'build-';

/** How many images a repository keeps, and why so many. */
interface Keep {
  readonly count: number;
  readonly description: string;
}

const SERVICE_IMAGES: Keep = {
  count: 20,
  description: 'Keep the last 20 images: enough to roll back to.',
};
const COLLECTOR_IMAGES: Keep = {
  count: 5,
  description: 'Keep the last 5 releases: the oldest is still what a roll-back starts.',
};

function repositoryOf(
  name: string,
  keep: Keep,
  args: ImageArgs,
  parent: pulumi.Resource,
): aws.ecr.Repository {
  const repository = new aws.ecr.Repository(
    name,
    {
      // A second build of the same sources (another umask, a lost state) is another image under the
      // same tag, and an immutable one would be refused (moby/buildkit#3776). Tasks name digests.
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filter: `${BUILD_TAG}*`, filterType: 'WILDCARD' }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: 'KMS', kmsKey: args.kmsKeyArn }],
      forceDelete: args.forceDelete,
    },
    { parent },
  );
  new aws.ecr.LifecyclePolicy(
    `${name}-expire`,
    {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: keep.description,
            selection: {
              tagStatus: 'any',
              countType: 'imageCountMoreThan',
              countNumber: keep.count,
            },
            action: { type: 'expire' },
          },
        ],
      }),
    },
    { parent },
  );
  return repository;
}

function pushed(repository: aws.ecr.Repository, tag: string, parent: pulumi.Resource) {
  const token = aws.ecr.getAuthorizationTokenOutput(
    { registryId: repository.registryId },
    { parent },
  );
  return {
    tags: [pulumi.interpolate`${repository.repositoryUrl}:${BUILD_TAG}${tag}`],
    platforms: [dockerBuild.Platform.Linux_arm64],
    push: true,
    // A preview must not need Docker.
    buildOnPreview: false,
    registries: [
      {
        address: repository.repositoryUrl,
        username: token.userName,
        password: pulumi.secret(token.password),
      },
    ],
  };
}
