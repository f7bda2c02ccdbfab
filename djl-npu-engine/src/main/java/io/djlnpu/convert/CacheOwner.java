package io.djlnpu.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose a cache is. A bundle that somebody else wrote, or may write, is a stranger's model under
 * the name of one's own.
 */
final class CacheOwner {

    private static final Logger LOGGER = LoggerFactory.getLogger(CacheOwner.class);

    private CacheOwner() {}

    /** Made when first asked for: names of users can be set, the owner of a new file cannot. */
    private static final class Me {

        static final UserPrincipal USER = user();

        private static UserPrincipal user() {
            try {
                Path mine = Files.createTempFile("npu", ".owner");
                try {
                    return Files.getOwner(mine);
                } finally {
                    Files.delete(mine);
                }
            } catch (IOException | UnsupportedOperationException e) {
                LOGGER.debug("Owners of files are not known", e);
                return null;
            }
        }
    }

    /** Tells whether a folder and all that lies in it is the user's who runs. */
    static boolean isOurs(Path folder) throws IOException {
        if (Me.USER == null || !Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        if (!isOurFile(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!isOurFile(file)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Ours, no link, and closed to the writes of everybody. */
    static boolean isOurFile(Path file) throws IOException {
        if (Me.USER == null) {
            return true;
        }
        boolean modes = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        return !Files.isSymbolicLink(file)
                && Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(Me.USER)
                && !(modes
                        && Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS)
                                .contains(PosixFilePermission.OTHERS_WRITE));
    }

    /** A folder of the user's own among the temporary files, where everybody may write. */
    static Path privateFolder() {
        String user = Me.USER == null ? "" : Me.USER.getName().replaceAll("[^A-Za-z0-9._-]", "_");
        Path folder = Path.of(System.getProperty("java.io.tmpdir")).resolve(".djl.ai-npu-" + user);
        try {
            if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                boolean modes =
                        folder.getFileSystem().supportedFileAttributeViews().contains("posix");
                if (modes) {
                    Files.createDirectory(
                            folder,
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------")));
                } else {
                    Files.createDirectory(folder);
                }
            }
            if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && isOurFile(folder)) {
                return folder;
            }
            return Files.createTempDirectory(".djl.ai-npu-");
        } catch (IOException e) {
            LOGGER.debug("No folder of one's own at {}", folder, e);
            return folder;
        }
    }
}
