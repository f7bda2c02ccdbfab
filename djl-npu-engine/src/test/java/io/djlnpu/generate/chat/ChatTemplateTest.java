package io.djlnpu.generate.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.djlnpu.format.ModelFormatException;
import io.djlnpu.generate.chat.ChatMessage.Image;
import io.djlnpu.generate.chat.ChatMessage.Part;
import io.djlnpu.generate.chat.ChatMessage.Text;
import io.djlnpu.testing.Fixtures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {

    @TempDir private Path folder;

    /** The template as the hub's instruction-tuned Gemma 3 models carry it. */
    private ChatTemplate hub() throws IOException {
        try (InputStream in = ChatTemplateTest.class.getResourceAsStream("hub.jinja")) {
            Files.write(folder.resolve("chat_template.jinja"), in.readAllBytes());
        }
        return ChatTemplate.open(folder);
    }

    @Test
    void rendersTheReferenceCasesByteForByte() throws IOException {
        ChatTemplate template = ChatTemplate.open(Fixtures.fixture("storyteller/text"));
        Path cases = Fixtures.fixture("storyteller/reference/chat_template_cases.json");
        List<ChatTemplate> templates = List.of(template, hub(), ChatTemplate.gemma3());
        for (JsonElement element :
                JsonParser.parseString(Files.readString(cases)).getAsJsonArray()) {
            JsonObject expected = element.getAsJsonObject();
            for (ChatTemplate tried : templates) {
                assertThat(
                                tried.render(
                                        messages(expected),
                                        expected.get("add_generation_prompt").getAsBoolean()))
                        .isEqualTo(expected.get("rendered").getAsString());
            }
        }
    }

    private static List<ChatMessage> messages(JsonObject conversation) {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonElement element : conversation.getAsJsonArray("messages")) {
            JsonObject message = element.getAsJsonObject();
            JsonElement content = message.get("content");
            String role = message.get("role").getAsString();
            if (content.isJsonPrimitive()) {
                messages.add(ChatMessage.of(role, content.getAsString()));
                continue;
            }
            List<Part> parts = new ArrayList<>();
            for (JsonElement item : content.getAsJsonArray()) {
                JsonObject part = item.getAsJsonObject();
                parts.add(
                        part.get("type").getAsString().equals("image")
                                ? new Image()
                                : new Text(part.get("text").getAsString()));
            }
            messages.add(new ChatMessage(role, parts));
        }
        return messages;
    }

    @Test
    void refusesRolesThatDoNotAlternate() throws IOException {
        List<ChatMessage> twice =
                List.of(ChatMessage.of("user", "one"), ChatMessage.of("user", "two"));
        for (ChatTemplate template : List.of(hub(), ChatTemplate.gemma3())) {
            assertThatThrownBy(() -> template.render(twice, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("must alternate");
        }
    }

    @Test
    void neverReadsWordsAsTemplate() throws IOException {
        String hostile =
                "{{ 7 * 7 }} {% for x in messages %}{# gone #}{{ bos_token }} \\n \\\\ '\"";
        for (ChatTemplate template : List.of(hub(), ChatTemplate.gemma3())) {
            assertThat(template.render(List.of(ChatMessage.of("user", hostile)), false))
                    .isEqualTo("<bos><start_of_turn>user\n" + hostile + "<end_of_turn>\n");
        }
    }

    @Test
    void findsTheTemplateInEachOfItsPlaces() throws IOException {
        List<ChatMessage> hello = List.of(ChatMessage.of("user", "hello"));
        write("tokenizer_config.json", "{'chat_template': [{'name':'default','template':'A'}]}");
        assertThat(ChatTemplate.open(folder).render(hello, true)).isEqualTo("A");
        write("chat_template.json", "{'chat_template': 'B {{ messages[0].content }}'}");
        assertThat(ChatTemplate.open(folder).render(hello, true)).isEqualTo("B hello");
        write("chat_template.jinja", "C");
        assertThat(ChatTemplate.open(folder).render(hello, true)).isEqualTo("C");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        write("chat_template.json", "{'chat_template': 7.");
        assertThatThrownBy(() -> ChatTemplate.open(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("chat_template.json");
        write("chat_template.json", "{'chat_template': {}}");
        assertThatThrownBy(() -> ChatTemplate.open(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("'chat_template'");
        write("chat_template.jinja", "{% if %}{{ nothing.at(all }}");
        assertThatThrownBy(() -> ChatTemplate.open(folder))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("chat_template.jinja")
                .hasMessageContaining("line 1");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text.replace('\'', '"'));
    }
}
