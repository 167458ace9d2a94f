// The container image: built on this machine, pushed to a repository of the stack, used by digest.
import * as aws from '@pulumi/aws';
import * as dockerBuild from '@pulumi/docker-build';
import * as pulumi from '@pulumi/pulumi';
import { COLLECTOR_IMAGE } from './task-definition';

/** What {@link Image} needs. */
export interface ImageArgs {
  /** Folder that the Dockerfile's `COPY` reads from, relative to the project: state is shared. */
  context: string;
  /** Path of the Dockerfile; its `.dockerignore` beside it decides what counts as a change. */
  dockerfile: string;
  /** Hash of all that goes into the image; the tag, since tags are never overwritten. */
  contentHash: string;
  /** An image of the user's own: nothing is built in its place. */
  ownImage: string | undefined;
  /** Copy the collector into the repository, for tasks that have no way to the public registry. */
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
    const needsRepository = args.ownImage === undefined || args.mirrorCollector;
    const repository = needsRepository ? repositoryOf(name, args, this) : undefined;
    this.repositoryArns = [
      ...(repository === undefined ? [] : [repository.arn]),
      ...privateRepository(args.ownImage).map((arn) => pulumi.output(arn)),
    ];
    this.service =
      args.ownImage !== undefined || repository === undefined
        ? pulumi.output(args.ownImage ?? '')
        : build(name, repository, args, this);
    this.collector =
      args.mirrorCollector && repository !== undefined
        ? mirror(name, repository, this)
        : pulumi.output(COLLECTOR_IMAGE);
    this.registerOutputs({ service: this.service, collector: this.collector });
  }
}

/** ARN of the repository of an image in ECR; an image elsewhere needs no right of AWS's. */
function privateRepository(image: string | undefined): string[] {
  const found = /^(\d+)\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^@:]+)/.exec(image ?? '');
  if (found === null) return [];
  const [, account, region, name] = found;
  return [`arn:aws:ecr:${region}:${account}:repository/${name}`];
}

function repositoryOf(name: string, args: ImageArgs, parent: pulumi.Resource): aws.ecr.Repository {
  const repository = new aws.ecr.Repository(
    `${name}-images`,
    {
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: 'KMS', kmsKey: args.kmsKeyArn }],
      forceDelete: args.forceDelete,
    },
    { parent },
  );
  new aws.ecr.LifecyclePolicy(
    `${name}-images-expire`,
    {
      repository: repository.name,
      policy: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: 'Keep the last 20 images: enough to roll back to.',
            selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 20 },
            action: { type: 'expire' },
          },
        ],
      }),
    },
    { parent },
  );
  return repository;
}

function build(
  name: string,
  repository: aws.ecr.Repository,
  args: ImageArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const image = new dockerBuild.Image(
    `${name}-service-image`,
    {
      ...pushed(repository, args.contentHash, parent),
      context: { location: args.context },
      dockerfile: { location: args.dockerfile },
    },
    { parent },
  );
  return pulumi.interpolate`${repository.repositoryUrl}@${image.digest}`;
}

function mirror(
  name: string,
  repository: aws.ecr.Repository,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const digest = COLLECTOR_IMAGE.split('@sha256:')[1] ?? '';
  const image = new dockerBuild.Image(
    `${name}-collector-image`,
    {
      ...pushed(repository, `collector-${digest.slice(0, 12)}`, parent),
      dockerfile: { inline: `FROM ${COLLECTOR_IMAGE}\n` },
    },
    { parent },
  );
  return pulumi.interpolate`${repository.repositoryUrl}@${image.digest}`;
}

function pushed(repository: aws.ecr.Repository, tag: string, parent: pulumi.Resource) {
  const token = aws.ecr.getAuthorizationTokenOutput(
    { registryId: repository.registryId },
    { parent },
  );
  return {
    tags: [pulumi.interpolate`${repository.repositoryUrl}:${tag}`],
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
