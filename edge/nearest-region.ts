// Orders the regions that hold the keys table by their distance from where the function runs.

/**
 * Latitude and longitude of AWS regions, in degrees, rounded: enough to tell near from far. From
 * a region that is missing here the home region is asked first.
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
 * For every region that the function may run in, the order in which to ask the regions that hold
 * the table, as indexes into `regions`. Left out where it is the order given (home first), which is
 * also the answer for a region that nobody has heard of yet.
 * @param attempts most regions to ask for one look-up.
 */
export function lookupRoutes(
  regions: readonly string[],
  attempts: number,
): Record<string, readonly number[]> {
  const given = regions.map((_, i) => i).slice(0, attempts);
  const routes: Record<string, readonly number[]> = {};
  for (const from of [...Object.keys(PLACES), ...regions]) {
    const order = byDistance(from, regions).slice(0, attempts);
    if (String(order) !== String(given)) {
      routes[from] = order;
    }
  }
  return routes;
}

/** Indexes of `regions`, nearest first; equally far ones keep their order. */
function byDistance(from: string, regions: readonly string[]): number[] {
  return regions
    .map((region, index) => ({ index, distance: distance(from, region) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ index }) => index);
}

/** Great-circle distance in radians, 0 to pi; unknown places are farther than any known one. */
function distance(from: string, to: string): number {
  const [a, b] = [PLACES[from], PLACES[to]];
  if (from === to) {
    return -1;
  }
  if (a === undefined || b === undefined) {
    return Number.MAX_VALUE;
  }
  const [lat1, lat2] = [a[0] * RADIANS, b[0] * RADIANS];
  const cosine =
    Math.sin(lat1) * Math.sin(lat2) +
    Math.cos(lat1) * Math.cos(lat2) * Math.cos((a[1] - b[1]) * RADIANS);
  // Rounding can take the cosine of two near places past 1, where the arc is not a number.
  return Math.acos(Math.min(1, cosine));
}
