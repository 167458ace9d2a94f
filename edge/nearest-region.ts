// Orders the regions that hold the keys table by their distance from where the function runs.

/**
 * Latitude and longitude of AWS regions, in degrees, rounded: enough to tell near from far. A region
 * that is missing here is guessed by its first letters, and its tables are reached all the same.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
const PLACES: Readonly<Record<string, readonly [number, number]>> = {
  'af-south-1': [-34, 18],
  'ap-east-1': [22, 114],
  'ap-northeast-1': [36, 140],
  'ap-northeast-2': [37, 127],
  'ap-northeast-3': [35, 135],
  'ap-south-1': [19, 73],
  'ap-south-2': [17, 78],
  'ap-southeast-1': [1, 104],
  'ap-southeast-2': [-34, 151],
  'ap-southeast-3': [-6, 107],
  'ap-southeast-4': [-38, 145],
  'ca-central-1': [45, -74],
  'ca-west-1': [51, -114],
  'eu-central-1': [50, 9],
  'eu-central-2': [47, 9],
  'eu-north-1': [59, 18],
  'eu-south-1': [45, 9],
  'eu-south-2': [42, -1],
  'eu-west-1': [53, -6],
  'eu-west-2': [52, 0],
  'eu-west-3': [49, 2],
  'il-central-1': [32, 35],
  'me-central-1': [24, 54],
  'me-south-1': [26, 51],
  'mx-central-1': [21, -100],
  'sa-east-1': [-24, -47],
  'us-east-1': [39, -77],
  'us-east-2': [40, -83],
  'us-west-1': [37, -122],
  'us-west-2': [46, -119],
};

const RADIANS = Math.PI / 180;

/**
 * @param from the executing region; where it is unknown the order given (home first) stays.
 * @returns the same regions, nearest first; equally far ones keep their order.
 */
export function byDistance(from: string | undefined, regions: readonly string[]): string[] {
  return regions
    .map((region) => ({ region, distance: distance(from, region) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ region }) => region);
}

/** Great-circle distance in radians, 0 to pi; unknown places are farther than any known one. */
function distance(from: string | undefined, to: string): number {
  if (from === to) {
    return -1;
  }
  const [a, b] = [placeOf(from ?? ''), placeOf(to)];
  if (a === undefined || b === undefined) {
    return Number.MAX_VALUE;
  }
  const [lat1, lat2] = [a[0] * RADIANS, b[0] * RADIANS];
  const cosine =
    Math.sin(lat1) * Math.sin(lat2) +
    Math.cos(lat1) * Math.cos(lat2) * Math.cos((a[1] - b[1]) * RADIANS);
  return Math.acos(Math.min(1, cosine));
}

/** Of the region itself, or else of the first one in the same part of the world (`eu-`). */
function placeOf(region: string): readonly [number, number] | undefined {
  const part = region.slice(0, region.indexOf('-') + 1);
  const known = Object.keys(PLACES).find((name) => part !== '' && name.startsWith(part));
  return PLACES[region] ?? (known === undefined ? undefined : PLACES[known]);
}
