# What npu.cmd runs: finds a JDK 25, builds once, and starts the command. Works in Windows PowerShell 5.1 and later.
#   NPU_JAVA_HOME   the JDK to use, before any other
#   NPU_JAVA_OPTS   further flags for the JVM
#   NPU_MAIN        another main class of module samples
$ErrorActionPreference = 'Stop'
$needed = 25
$root = Split-Path -Parent $PSScriptRoot

# A JDK says its version in the file "release"; reading it is faster than starting it.
function Test-Jdk($folder) {
    if (-not $folder) { return $false }
    $release = Join-Path $folder 'release'
    if (-not (Test-Path (Join-Path $folder 'bin\javac.exe')) -or -not (Test-Path $release)) { return $false }
    $line = Select-String -Path $release -Pattern '^JAVA_VERSION="(\d+)' | Select-Object -First 1
    return $line -and [int]$line.Matches[0].Groups[1].Value -ge $needed
}

function Find-Jdk {
    $places = @($env:NPU_JAVA_HOME, $env:JAVA_HOME)
    $java = Get-Command java.exe -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($java) { $places += Split-Path -Parent (Split-Path -Parent $java.Source) }
    foreach ($parent in @("$env:ProgramFiles\Eclipse Adoptium", "$env:ProgramFiles\Java", "$env:ProgramFiles\Microsoft",
            "$env:ProgramFiles\Zulu", "$env:ProgramFiles\BellSoft", "$env:LOCALAPPDATA\Programs\Eclipse Adoptium",
            "$env:USERPROFILE\.jdks", "$env:USERPROFILE\.gradle\jdks", "$env:USERPROFILE\scoop\apps")) {
        if (Test-Path $parent) {
            $places += Get-ChildItem -Path $parent -Directory -Recurse -Depth 1 | ForEach-Object { $_.FullName }
        }
    }
    foreach ($place in $places) { if (Test-Jdk $place) { return $place } }
    [Console]::Error.WriteLine("npu: no JDK $needed or later found in JAVA_HOME, on PATH, or where JDKs are usually installed.")
    [Console]::Error.WriteLine("npu: install one (winget install EclipseAdoptium.Temurin.$needed.JDK) or set NPU_JAVA_HOME.")
    exit 1
}

$jdk = Find-Jdk
$list = Join-Path $root 'samples\target\npu.dependencies'

function Test-Stale {
    if (-not (Test-Path $list) -or (Get-Item $list).Length -eq 0) { return $true }
    $built = (Get-Item $list).LastWriteTimeUtc
    $sources = @(Get-Item (Join-Path $root 'pom.xml')) + @(Get-Item (Join-Path $root '*\pom.xml'))
    foreach ($module in 'q4nx-codec', 'onnx-importer', 'djl-npu-engine', 'samples') {
        $sources += Get-ChildItem -Path (Join-Path $root "$module\src\main") -Recurse -File
    }
    return [bool]($sources | Where-Object { $_.LastWriteTimeUtc -gt $built } | Select-Object -First 1)
}

if (Test-Stale) {
    [Console]::Error.WriteLine('npu: building, once (Maven fetches what it has not yet) ...')
    $log = Join-Path $root 'samples\target\npu-build.log'
    New-Item -ItemType Directory -Force -Path (Split-Path -Parent $log) | Out-Null
    $env:JAVA_HOME = $jdk
    $env:OPT_OUT_TRACKING = 'true'
    Push-Location $root
    try {
        & "$env:ComSpec" /c "mvnw.cmd -B -ntp -q -Dmaven.test.skip=true -pl samples -am package > `"$log`" 2>&1"
        $code = $LASTEXITCODE
    } finally { Pop-Location }
    if ($code -ne 0) {
        Get-Content $log -Tail 40 | ForEach-Object { [Console]::Error.WriteLine($_) }
        [Console]::Error.WriteLine("npu: the build failed; the whole log is $log")
        exit 1
    }
    (Get-Item $list).LastWriteTimeUtc = [DateTime]::UtcNow
}

$env:OPT_OUT_TRACKING = 'true'
[Console]::OutputEncoding = [Text.Encoding]::UTF8
$jar = Get-ChildItem -Path (Join-Path $root 'samples\target') -Filter 'samples-*.jar' | Select-Object -First 1
# Through the environment: a class path of some kilobytes overflows the stack of ONNX Runtime's argument parser.
$env:CLASSPATH = "$($jar.FullName);$((Get-Content $list -Raw).Trim())"
$terminal = (-not [Console]::IsErrorRedirected).ToString().ToLowerInvariant()
$piped = [Console]::IsInputRedirected.ToString().ToLowerInvariant()
$main = if ($env:NPU_MAIN) { $env:NPU_MAIN } else { 'io.djlnpu.samples.Npu' }
$more = @()
if ($env:NPU_JAVA_OPTS) { $more = $env:NPU_JAVA_OPTS -split ' ' }
# Weights are mapped, not read into the heap: a small heap that is given back is all that the JVM needs.
& (Join-Path $jdk 'bin\java.exe') --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED `
    --sun-misc-unsafe-memory-access=allow '-Dai.djl.offline=true' "-Dnpu.terminal=$terminal" "-Dnpu.piped=$piped" `
    '-Dnpu.launcher=true' '-Dstdout.encoding=UTF-8' '-Dstderr.encoding=UTF-8' '-Xms64m' '-XX:+UseSerialGC' `
    '-XX:MaxNewSize=64m' '-XX:MinHeapFreeRatio=10' '-XX:MaxHeapFreeRatio=30' '-XX:-ShrinkHeapInSteps' `
    @more $main @args
exit $LASTEXITCODE
