// Empties what AWS refuses to delete while something is in it: versioned buckets and image repositories.
import { BatchDeleteImageCommand, ListImagesCommand } from '@aws-sdk/client-ecr';
import { DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { isFault, Region } from './aws';
import type { StackState } from './engine';
import { located, type Located } from './inventory';

/** Something that `destroy` fails at until it is empty. */
export interface Container extends Located {
  readonly kind: 'bucket' | 'repository';
}

/** Images of one call: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html */
const IMAGES_A_CALL = 100;

/** Buckets and repositories that are not deleted together with what is in them. */
export function containersOf(state: StackState, home: string): Container[] {
  const of = (kind: Container['kind'], type: string, force: string): Container[] =>
    located(state, type, home)
      .filter(({ resource }) => resource.inputs?.[force] !== true)
      .map(({ region, id }) => ({ kind, region, id }));
  return [
    ...of('bucket', 'aws:s3/bucket:Bucket', 'forceDestroy'),
    ...of('repository', 'aws:ecr/repository:Repository', 'forceDelete'),
  ];
}

/** Whether there is anything in it. */
export async function isEmpty({ kind, region, id }: Container): Promise<boolean> {
  const items = kind === 'bucket' ? await objectsOf(region, id, 1) : await imagesOf(region, id);
  return items.length === 0;
}

/** Deletes all that is in it. @returns how much that was. */
export async function empty({ kind, region, id }: Container): Promise<number> {
  let count = 0;
  for (;;) {
    const deleted = await (kind === 'bucket'
      ? emptyBucket(region, id)
      : emptyRepository(region, id));
    count += deleted;
    if (deleted === 0) return count;
  }
}

async function objectsOf(
  region: string,
  Bucket: string,
  MaxKeys?: number,
): Promise<{ Key: string; VersionId?: string }[]> {
  try {
    const { Versions = [], DeleteMarkers = [] } = await new Region(region)
      .s3()
      .send(new ListObjectVersionsCommand({ Bucket, MaxKeys }));
    return [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({
      Key,
      ...(VersionId === undefined ? {} : { VersionId }),
    }));
  } catch (error) {
    if (isFault(error, 'NoSuchBucket')) return [];
    throw error;
  }
}

async function emptyBucket(region: string, Bucket: string): Promise<number> {
  const Objects = await objectsOf(region, Bucket);
  if (Objects.length === 0) return 0;
  const { Errors = [] } = await new Region(region)
    .s3()
    .send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  const [error] = Errors;
  if (error !== undefined) {
    throw new Error(`${error.Key} in bucket ${Bucket} could not be deleted: ${error.Message}`);
  }
  return Objects.length;
}

async function imagesOf(
  region: string,
  repositoryName: string,
): Promise<{ imageDigest: string }[]> {
  try {
    const { imageIds = [] } = await new Region(region)
      .ecr()
      .send(new ListImagesCommand({ repositoryName, maxResults: IMAGES_A_CALL }));
    // An image of several tags is listed once a tag.
    return [...new Set(imageIds.map(({ imageDigest = '' }) => imageDigest))].map((imageDigest) => ({
      imageDigest,
    }));
  } catch (error) {
    if (isFault(error, 'RepositoryNotFoundException')) return [];
    throw error;
  }
}

async function emptyRepository(region: string, repositoryName: string): Promise<number> {
  const imageIds = await imagesOf(region, repositoryName);
  if (imageIds.length === 0) return 0;
  const { failures = [] } = await new Region(region)
    .ecr()
    .send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
  // The index of an image for several processors goes first, its parts in the next round.
  const others = failures.filter(
    ({ failureCode }) => failureCode !== 'ImageReferencedByManifestList',
  );
  if (others[0] !== undefined) {
    throw new Error(
      `An image in repository ${repositoryName} could not be deleted: ${others[0].failureReason}`,
    );
  }
  return imageIds.length - failures.length;
}
