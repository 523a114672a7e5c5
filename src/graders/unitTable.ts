/**
 * By dimension: the scale, then the ways the unit is written. SI, and the international yard and pound (1959); US gallon. Months and years are no
 * number of days.
 */
export const table: Readonly<Record<string, ReadonlyArray<readonly [number, string]>>> = {
  length: [
    [1e-9, "nm nanometre nanometres nanometer nanometers"],
    [1e-6, "µm μm um micrometre micrometres micrometer micrometers"],
    [0.001, "mm millimetre millimetres millimeter millimeters"],
    [0.01, "cm centimetre centimetres centimeter centimeters"],
    [1, "m metre metres meter meters"],
    [1000, "km kilometre kilometres kilometer kilometers"],
    [0.0254, "inch inches"],
    [0.3048, "ft foot feet"],
    [0.9144, "yd yard yards"],
    [1609.344, "mi mile miles"]
  ],
  area: [
    [1e4, "ha hectare hectares"],
    [4046.8564224, "acres acre"],
    [1, "sqm"],
    [0.09290304, "sqft"]
  ],
  mass: [
    [1e-6, "mg milligram milligrams"],
    [0.001, "g gram grams"],
    [1, "kg kilogram kilograms kilo kilos"],
    [1000, "t tonne tonnes"],
    [0.028349523125, "oz ounce ounces"],
    [0.45359237, "lb lbs pound pounds"]
  ],
  volume: [
    [0.001, "ml mL millilitre millilitres milliliter milliliters"],
    [0.01, "cl cL centilitre centilitres centiliter centiliters"],
    [1, "l L litre litres liter liters"],
    [1000, "m³ m3"],
    [3.785411784, "gal gallon gallons"]
  ],
  time: [
    [1e-6, "µs μs us microsecond microseconds"],
    [0.001, "ms millisecond milliseconds"],
    [1, "s sec secs second seconds"],
    [60, "min mins minute minutes"],
    [3600, "h hr hrs hour hours"],
    [86_400, "d day days"],
    [604_800, "weeks week wk wks"]
  ],
  calendar: [
    [1, "months month mo mos"],
    [3, "quarters quarter"],
    [12, "years year yr yrs"],
    [120, "decades decade"],
    [1200, "centuries century"]
  ],
  "length/time": [
    [1 / 3.6, "kph kmh"],
    [0.44704, "mph"],
    [1852 / 3600, "knots knot"]
  ],
  frequency: [
    [1, "Hz hz hertz"],
    [1e3, "kHz khz kilohertz"],
    [1e6, "MHz mhz megahertz"],
    [1e9, "GHz ghz gigahertz"]
  ],
  energy: [
    [1, "J joule joules"],
    [1e3, "kJ kilojoule kilojoules"],
    [1e6, "MJ megajoule megajoules"],
    [4184, "kcal kilocalorie kilocalories"],
    [3600, "Wh watthour watthours"],
    [3.6e6, "kWh kwh kilowatthour kilowatthours"],
    [3.6e9, "MWh megawatthour megawatthours"],
    [3.6e12, "GWh gwh gigawatthour gigawatthours"]
  ],
  power: [
    [1e-3, "mW milliwatt milliwatts"],
    [1, "W watt watts"],
    [1e3, "kW KW kilowatt kilowatts"],
    [1e6, "MW megawatt megawatts"],
    [1e9, "GW gigawatt gigawatts"]
  ],
  angle: [
    [1, "° degree degrees deg"],
    [180 / Math.PI, "rad radian radians"]
  ],
  bytes: [
    [0.125, "bit bits"],
    [1, "B byte bytes"],
    [1e3, "kB KB kilobyte kilobytes"],
    [1e6, "MB megabyte megabytes"],
    [1e9, "GB gigabyte gigabytes"],
    [1e12, "TB terabyte terabytes"],
    [2 ** 10, "KiB kibibyte kibibytes"],
    [2 ** 20, "MiB mebibyte mebibytes"],
    [2 ** 30, "GiB gibibyte gibibytes"],
    [2 ** 40, "TiB tebibyte tebibytes"]
  ],
  light: [[1, "lm lumen lumens"]],
  illuminance: [[1, "lx lux"]],
  pressure: [
    [1, "Pa pascal pascals"],
    [100, "hPa mbar millibar millibars"],
    [1e3, "kPa kilopascal kilopascals"],
    [1e5, "bar bars"],
    [1e6, "MPa megapascal megapascals"],
    [6894.757293168, "psi"]
  ],
  force: [
    [1, "N newton newtons"],
    [1e3, "kN kilonewton kilonewtons"]
  ],
  voltage: [
    [1e-3, "mV millivolt millivolts"],
    [1, "V volt volts"],
    [1e3, "kV kilovolt kilovolts"]
  ],
  current: [
    [1e-3, "mA milliampere milliamperes milliamp milliamps"],
    [1, "A ampere amperes amp amps"]
  ],
  resistance: [
    [1, "Ω ohm ohms"],
    [1e3, "kΩ kiloohm kiloohms"]
  ],
  substance: [
    [1e-3, "mmol millimole millimoles"],
    [1, "mol mole moles"]
  ],
  share: [
    [0.01, "% percent"],
    [0.001, "‰ permille"]
  ]
}
/** By code: the other ways it is written. */
export const currencies: Readonly<Record<string, string>> = {
  USD: "$ dollar dollars",
  EUR: "€ euro euros",
  GBP: "£ sterling",
  JPY: "¥ yen",
  INR: "₹ rupee rupees Rs",
  ...Object.fromEntries(
    "CHF CAD AUD NZD CNY SEK NOK DKK PLN CZK BRL MXN KRW SGD HKD ZAR TWD".split(" ").map((c) => [c, ""])
  )
}
/** Temperatures, which do not all start at zero. */
export const degrees = [
  { scale: 1, offset: 0, written: "°C Celsius celsius" },
  { scale: 5 / 9, offset: -160 / 9, written: "°F Fahrenheit fahrenheit" },
  { scale: 1, offset: -273.15, written: "kelvin Kelvin K" }
]
