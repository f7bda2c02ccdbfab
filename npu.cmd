@echo off
rem Starts the command npu on Windows, as the script "npu" does elsewhere: finds a JDK 25, builds once when
rem nothing is built or a source is newer, and passes the flags that the Vector API and mapped weights need.
rem   NPU_JAVA_HOME   the JDK to use, before any other
rem   NPU_JAVA_OPTS   further flags for the JVM
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0dev\npu.ps1" %*
exit /b %ERRORLEVEL%
